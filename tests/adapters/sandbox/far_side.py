"""A small far side of the mails: pages with forms to answer and to leave by, and the mails that lead there."""

from __future__ import annotations

import threading
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

FORM = """<!doctype html><html lang="de"><body><form action="search"><input name="q"></form>
<form method="post" action="/thanks?lang=de"><input type="hidden" name="secret" value="s&amp;1">
{radios}
<label><input type="radio" name="since" value="better">x</label><input type="radio" name="since" value="worse">
<input type="checkbox" name="consent" value="quote"><textarea name="best" required></textarea>
<input type="text" name="website" value=""><button name="go" value="send">Send</button></form></body></html>"""
RADIOS = "".join(f'<input type="radio" name="score" value="{n}">' for n in range(11))
LEAVE = '<form method="post"><input type="hidden" name="t" value="x"><button>Leave</button></form>'
BOXES = "".join(f'<input type="checkbox" name="why{n}" value="yes">' for n in range(12))
TICKS = f'<form method="post">{BOXES}</form>'


def page_of(path):
    """The page at a path: for leaving, for leaving with boxes to tick, or for answering."""
    if path.startswith("/u"):
        return TICKS if path.startswith("/u/ticks") else LEAVE
    return FORM.format(radios=RADIOS)


class Far:
    """A small far side: survey pages under /s, leaving under /u; it remembers every request."""

    def __init__(self):
        self.requests = []
        self.broken = False
        far = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer, else each waits for an acknowledgement

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                form = parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)
                far.requests.append((self.command, self.path, form))
                self.reply(503 if far.broken else 200)

            def reply(self, status):
                if self.command == "POST" and self.path.startswith("/thanks") and status == 200:
                    self.send_response(303)
                    self.send_header("Location", "/done")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                page = page_of(self.path).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(page)

            do_GET = do_HEAD = do_POST = answer  # noqa: N815 - the names the server looks for

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def posts(self):
        return [(path, form) for method, path, form in self.requests if method == "POST"]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def letter(far, address, feedback_id, *, scale=True, token=""):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ask@tallow-finch.example", address, "A question"
    if feedback_id:
        message["Feedback-ID"] = feedback_id
    message["List-Unsubscribe"] = f"<mailto:leave@tallow-finch.example>, <{far.url}/u/{token or feedback_id}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(f"Answer: {far.url}/s/{token or feedback_id}.\nLeave: {far.url}/u/{token or feedback_id}\n")
    marks = (
        "".join(f'<a href="{far.url}/s/{token or feedback_id}?score={n}">{n}</a>' for n in range(11)) if scale else ""
    )
    html = f'<p>{marks}<a href="{far.url}/u/{token or feedback_id}">leave</a><a href="https://elsewhere.example/">x</a></p>'
    message.add_alternative(html, subtype="html")
    return message


def send(org, far, *pairs, scale=False):
    for address, feedback_id in pairs:
        raw = letter(far, address, feedback_id, scale=scale).as_bytes()
        org.house.inbox.receive(raw, sender="ask@tallow-finch.example", recipients=[address])
