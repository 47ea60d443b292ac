"""SOQL: what it finds and how the org says that a query is wrong."""

from __future__ import annotations

import pytest

HINT = "Please reference your WSDL or the describe call for the appropriate names."


def refusal(org, soql):
    answer = org.call("GET", "query", q=soql)
    assert answer.status == 400
    return answer.json()[0]


def test_case_of_words_fields_and_objects_does_not_matter(org):
    upper = org.soql("SELECT Id, Name FROM Account WHERE Type = 'Customer' ORDER BY Name LIMIT 3")
    lower = org.soql("select id, NAME from ACCOUNT where type = 'customer' order by name limit 3")
    assert upper == lower
    assert list(upper["records"][0]) == ["attributes", "Id", "Name"]


def test_parents_nest_with_their_own_attributes_and_are_null_without_one(org):
    child = org.one("SELECT ParentId, Parent.Name FROM Account WHERE ParentId != null LIMIT 1")
    name = org.one(f"SELECT Name FROM Account WHERE Id = '{child['ParentId']}'")["Name"]
    url = f"/services/data/v68.0/sobjects/Account/{child['ParentId']}"
    assert child["Parent"] == {"attributes": {"type": "Account", "url": url}, "Name": name}
    assert org.one("SELECT Parent.Name FROM Account WHERE ParentId = null LIMIT 1") == {"Parent": None}


def test_a_short_id_finds_its_record(org):
    wanted = org.ids("SELECT Id FROM Contact LIMIT 1")[0]
    assert org.ids(f"SELECT Id FROM Contact WHERE Id = '{wanted[:15]}'") == [wanted]


@pytest.mark.parametrize(
    ("where", "same_as"),
    [
        ("Email = null", "NOT (Email != null)"),
        ("Feedback_Level__c != 'User'", "Feedback_Level__c = null OR Feedback_Level__c IN ('Manager', 'Executive')"),
        (
            "Feedback_Level__c NOT IN ('User', 'Manager')",
            "NOT (Feedback_Level__c = 'User' OR Feedback_Level__c = 'manager')",
        ),
        ("HasOptedOutOfEmail = TRUE", "HasOptedOutOfEmail != false"),
        ("Email LIKE 'info@%'", "Email LIKE 'INFO@%.example'"),
        ("EmailBouncedDate >= 2025-06-01T00:00:00Z", "EmailBouncedDate >= 2025-06-01T02:00:00+02:00"),
        (
            "(Title = 'Buyer' AND Email != null) OR Title = 'CFO'",
            "Title = 'CFO' OR (Email != null AND Title = 'Buyer')",
        ),
    ],
)
def test_two_ways_to_say_the_same_find_the_same(org, where, same_as):
    one, other = (org.ids(f"SELECT Id FROM Contact WHERE {text} ORDER BY Id") for text in (where, same_as))
    assert one == other
    assert 0 < len(one) < 600


def test_numbers_and_dates_compare(org):
    large = org.soql("SELECT count() FROM Account WHERE ARR__c >= 90000.5")["totalSize"]
    small = org.soql("SELECT count() FROM Account WHERE ARR__c < 90000.5 OR ARR__c = null")["totalSize"]
    assert (large + small, large > 0) == (80, True)
    early = org.soql("SELECT count() FROM Account WHERE Renewal_Date__c <= 2026-06-30")["totalSize"]
    late = org.soql("SELECT count() FROM Account WHERE Renewal_Date__c > 2026-06-30")["totalSize"]
    assert early + late == org.soql("SELECT count(Renewal_Date__c) FROM Account")["records"][0]["expr0"]


def test_strings_may_hold_quotes_and_wildcards(org):
    record_id = org.ids("SELECT Id FROM Contact LIMIT 1")[0]
    org.fault("touch", object="Contact", id=record_id, fields={"LastName": "O'Dell 100%_\\x"})
    assert org.ids(r"SELECT Id FROM Contact WHERE LastName = 'O\'Dell 100%_\\x'") == [record_id]
    assert org.ids(r"SELECT Id FROM Contact WHERE LastName LIKE '%100\%\_\\x'") == [record_id]
    assert org.ids(r"SELECT Id FROM Contact WHERE LastName LIKE '%200\%\_\\x'") == []


def test_order_limit_and_offset(org):
    names = [row["Name"] for row in org.soql("SELECT Name FROM Account ORDER BY Name DESC")["records"]]
    assert names == sorted(names, reverse=True)
    page = [row["Name"] for row in org.soql("SELECT Name FROM Account ORDER BY Name DESC LIMIT 3 OFFSET 2")["records"]]
    assert page == names[2:5]
    first = org.one("SELECT Renewal_Date__c FROM Account ORDER BY Renewal_Date__c ASC NULLS LAST LIMIT 1")
    assert first["Renewal_Date__c"] is not None
    assert org.one("SELECT Renewal_Date__c FROM Account ORDER BY Renewal_Date__c LIMIT 1") == {"Renewal_Date__c": None}


def test_rows_of_one_second_come_in_no_order_of_ids(org):
    org.fault("same_second", object="Contact", n=50)
    found = org.ids("SELECT Id FROM Contact WHERE SystemModstamp >= 2026-01-05T06:00:00Z ORDER BY SystemModstamp")
    assert (len(found), found == sorted(found)) == (50, False)
    keyed = org.ids("SELECT Id FROM Contact WHERE SystemModstamp >= 2026-01-05T06:00:00Z ORDER BY SystemModstamp, Id")
    assert keyed == sorted(found)


def test_reading_by_stamp_and_id_uses_the_index(org):
    from adapters.sandbox.salesforce.soql import parse
    from adapters.sandbox.salesforce.soql_sql import compile_query

    soql = (
        "SELECT Id FROM Contact WHERE SystemModstamp >= 2025-01-01T00:00:00Z AND SystemModstamp < 2026-01-01T00:00:00Z"
        " AND ((SystemModstamp = 2025-06-01T00:00:00Z AND Id > '003000000000000AAA')"
        " OR SystemModstamp > 2025-06-01T00:00:00Z) ORDER BY SystemModstamp, Id LIMIT 2000"
    )
    compiled = compile_query(soql, parse(soql), hidden=lambda *_: False, everything=False)
    plan = org.house.state.rows(f"explain query plan {compiled.row_sql}", compiled.values)
    assert [row[3] for row in plan] == [
        "SEARCH t0 USING COVERING INDEX Contact_stamp (SystemModstamp>? AND SystemModstamp<?)"
    ]


def test_an_unknown_field_is_shown_with_a_caret(org):
    text = (
        "\nSELECT Id, Foo__c FROM Contact\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Foo__c' on entity 'Contact'. If you are attempting to use a custom field, be sure to append"
        f" the '__c' after the custom field name. {HINT}"
    )
    assert refusal(org, "SELECT Id, Foo__c FROM Contact") == {"message": text, "errorCode": "INVALID_FIELD"}


def test_an_unknown_object_is_an_invalid_type(org):
    text = (
        "sObject type 'Asset' is not supported. If you are attempting to use a custom object, be sure to append the"
        f" '__c' after the entity name. {HINT}"
    )
    assert refusal(org, "SELECT Id FROM Asset") == {"message": text, "errorCode": "INVALID_TYPE"}


@pytest.mark.parametrize(
    ("soql", "code", "last_line"),
    [
        (
            "SELECT Id FROM Contact WHERE Title = 'a' AND Title = 'b' OR Title = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM Contact WHERE Title = 'a' OR Title = 'b' AND Title = 'c'",
            "MALFORMED_QUERY",
            "unexpected token: 'AND'",
        ),
        ("SELECT Id FROM Contact WHERE Id IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
        ("SELECT Id FROM Contact LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id FROM Contact WHERE (Id != null", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("SELECT FROM Contact", "MALFORMED_QUERY", "unexpected token: 'Contact'"),
        ("SELECT Id FROM Contact GROUP BY Id", "MALFORMED_QUERY", "unexpected token: 'GROUP'"),
        (
            "SELECT Id FROM Contact WHERE Name = 'open",
            "MALFORMED_QUERY",
            "line 1:36 no viable alternative at character '''",
        ),
        ("SELECT Id, id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: id"),
        ("DELETE FROM Contact", "MALFORMED_QUERY", "unexpected token: 'DELETE'"),
        ("SELECT Id FROM Contact WHERE Email > null", "MALFORMED_QUERY", "unexpected token: 'null'"),
        (
            "SELECT Id FROM Contact LIMIT 1 OFFSET 2001",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        ),
        ("SELECT Id FROM Contact WHERE Id = 'x y'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x y"),
        (
            "SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime"
            " and should not be enclosed in quotes",
        ),
        (
            "SELECT Id FROM Contact WHERE Name = 7",
            "INVALID_FIELD",
            "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
        ),
    ],
)
def test_a_wrong_query_is_refused_with_its_code(org, soql, code, last_line):
    error = refusal(org, soql)
    assert (error["errorCode"], error["message"].splitlines()[-1]) == (code, last_line)


def test_soql_text_cannot_reach_the_tables(org):
    for soql in ("SELECT rowid FROM Contact", "SELECT Id FROM meta", 'SELECT Id FROM Contact WHERE "Id" = 1'):
        assert org.call("GET", "query", q=soql).status == 400
