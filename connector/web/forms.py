"""Reads a posted form within narrow limits, before anything else looks at it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from urllib.parse import parse_qs

from fastapi import HTTPException, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

MAX_BYTES = 64 * 1024
MAX_FIELDS = 100

Form = Mapping[str, Sequence[str]]


async def read_form(request: Request) -> Form:
    """The fields of a posted form, each with its values.

    Both encodings are read: mail programs may send RFC 8058's one click as either. Raises HTTPException with 413
    for more than 64 KB or 100 fields, 415 for anything but a form, 400 for a form that is broken.
    """
    body = await _body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request, body)
    if kind == "application/x-www-form-urlencoded" or not body:
        return _urlencoded(body)
    raise HTTPException(415)


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_BYTES:
        raise HTTPException(413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BYTES:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(body)


def _urlencoded(body: bytes) -> Form:
    text = body.decode("utf-8", "replace")
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError:
        raise HTTPException(413) from None


async def _multipart(request: Request, body: bytes) -> Form:
    parser = MultiPartParser(request.headers, _chunk(body), max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_BYTES)
    try:
        fields: FormData = await parser.parse()
    except (MultiPartException, KeyError):
        raise HTTPException(400) from None
    return {name: [value for value in fields.getlist(name) if isinstance(value, str)] for name in fields}


async def _chunk(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
