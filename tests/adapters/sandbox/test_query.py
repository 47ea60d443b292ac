"""Queries over pages, the common headers and the printed form."""

from __future__ import annotations

import gzip


def walk(org, soql, **headers):
    answer = org.call("GET", "query", headers=headers, q=soql).json()
    sizes, records = [len(answer["records"])], answer["records"]
    while not answer["done"]:
        answer = org.get(answer["nextRecordsUrl"])
        sizes.append(len(answer["records"]))
        records += answer["records"]
    return sizes, [record["Id"] for record in records], answer["totalSize"]


def test_pages_hold_two_thousand_rows_and_every_row_comes_once(make_org):
    org = make_org(accounts=50, contacts=4500)
    sizes, ids, total = walk(org, "SELECT Id FROM Contact")
    assert (sizes, total, len(set(ids))) == ([2000, 2000, 500], 4500, 4500)


def test_the_batch_size_is_honoured_between_its_limits(org):
    assert walk(org, "SELECT Id FROM Contact", **{"sforce-query-options": "batchSize=250"})[0] == [250, 250, 100]
    assert walk(org, "SELECT Id FROM Contact", **{"sforce-query-options": "batchSize=7"})[0] == [200, 200, 200]


def test_pages_may_be_smaller_than_asked_for(org):
    org.fault("small_pages", size=170)
    assert walk(org, "SELECT Id FROM Contact")[0] == [170, 170, 170, 90]


def test_a_locator_is_opaque_and_its_pages_can_be_read_again(org):
    org.fault("small_pages", size=300)
    url = org.soql("SELECT Id FROM Contact")["nextRecordsUrl"]
    path, _, offset = url.rpartition("-")
    assert (path.rpartition("/")[2][:3], len(path.rpartition("/")[2]), offset) == ("0r8", 18, "300")
    assert org.get(url) == org.get(url)


def test_a_result_is_fixed_by_ids_but_its_values_are_read_later(org):
    org.fault("small_pages", size=300)
    first = org.soql("SELECT Id, Title FROM Contact ORDER BY Id")
    last = org.ids("SELECT Id FROM Contact ORDER BY Id DESC LIMIT 1")[0]
    org.fault("touch", object="Contact", id=last, fields={"Title": "Changed Meanwhile"})
    second = org.get(first["nextRecordsUrl"])
    assert (second["done"], second["records"][-1]["Title"]) == (True, "Changed Meanwhile")


def test_a_stale_or_unknown_locator_is_refused(org):
    org.fault("small_pages", size=300)
    url = org.soql("SELECT Id FROM Contact")["nextRecordsUrl"]
    org.turn("2026-01-08T06:00:00Z")
    error = [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]
    for path in (url, "query/0r8000000000000AAA-2000", "query/nonsense"):
        answer = org.call("GET", path)
        assert (answer.status, answer.json()) == (400, error)


def test_query_all_shows_what_is_in_the_bin(org):
    record_id = org.ids("SELECT Id FROM Contact LIMIT 1")[0]
    assert org.call("DELETE", f"sobjects/Contact/{record_id}").status == 204
    assert org.ids(f"SELECT Id FROM Contact WHERE Id = '{record_id}'") == []
    found = org.soql(f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{record_id}'", "queryAll")["records"]
    assert [(row["Id"], row["IsDeleted"]) for row in found] == [(record_id, True)]


def test_every_answer_carries_the_limit_and_the_sandboxes_own_date(org):
    first, second = (org.call("GET", "query", q="SELECT count() FROM User").headers for _ in range(2))
    assert (first["Sforce-Limit-Info"], second["Sforce-Limit-Info"]) == ("api-usage=1/112000", "api-usage=2/112000")
    assert first["Date"] == "Mon, 05 Jan 2026 06:00:00 GMT"
    assert first["Content-Type"] == "application/json;charset=UTF-8"
    assert org.get("limits")["DailyApiRequests"] == {"Max": 112000, "Remaining": 111997}


def test_json_is_printed_prettily_when_asked(org):
    answer = org.call("GET", "query", headers={"x-prettyprint": "1"}, q="SELECT Name FROM Organization")
    text = (
        '{\n  "totalSize" : 1,\n  "done" : true,\n  "records" : [ {\n    "attributes" : {\n'
        '      "type" : "Organization",\n'
        f'      "url" : "/services/data/v68.0/sobjects/Organization/{org.house.plan.id("Organization", 0)}"\n    }},\n'
        '    "Name" : "Kea Instruments (invented)"\n  } ]\n}'
    )
    assert answer.body.decode() == text
    empty = org.call("GET", "query", headers={"x-prettyprint": "1"}, q="SELECT Id FROM Account WHERE Id = null")
    assert empty.body == b'{\n  "totalSize" : 0,\n  "done" : true,\n  "records" : [ ]\n}'


def test_bodies_are_compressed_for_those_who_accept_it(org):
    plain = org.call("GET", "sobjects")
    packed = org.call("GET", "sobjects", headers={"accept-encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_large_numbers_come_with_an_exponent(org):
    record_id = org.ids("SELECT Id FROM Account LIMIT 1")[0]
    for value, printed in ((350_000_000.0, b"3.5E8"), (15000.0, b"15000.0"), (1234567.89, b"1234567.89")):
        org.fault("touch", object="Account", id=record_id, fields={"ARR__c": value})
        answer = org.call("GET", "query", q=f"SELECT ARR__c FROM Account WHERE Id = '{record_id}'")
        assert answer.body.rpartition(b":")[2] == printed + b"}]}"
