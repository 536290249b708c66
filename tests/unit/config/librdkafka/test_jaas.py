"""The text of a login as Java has it, in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.librdkafka import jaas


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('m.Mod required username="u" password="p";', {"username": "u", "password": "p"}),
        ("m.Mod REQUIRED a=b c=d ;", {"a": "b", "c": "d"}),
        ("m.Mod required;", {}),
        ('m.Mod optional a="x = y; z";', {"a": "x = y; z"}),
        (r'm.Mod required a="say \"hi\" \\ \n \101 \q";', {"a": 'say "hi" \\ \n A q'}),
        ("m.Mod required a='it is';", {"a": "it is"}),
        ('\n  m.Mod\n  required // comment\n  a="b" /* more */ ;\n// end\n/* open', {"a": "b"}),
        ('m.Mod required token="a.b-c_d+e/f==";', {"token": "a.b-c_d+e/f=="}),
        ("m.Mod required a=b1.c-d_e$\u00e9;", {"a": "b1.c-d_e$\u00e9"}),
        (r'm.Mod required a="\477\7";', {"a": "'7\7"}),
        ('"m.Mod" "required" "a b"="c";', {"a b": "c"}),
        ('m.Mod required a="";', {"a": ""}),
    ],
)
def test_jaas_text_is_parsed(text: str, options: dict[str, str]) -> None:
    assert jaas.parse(text) == ("m.Mod", options)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with a login module"),
        ("m.Mod", "does not begin with a login module"),
        ("m.Mod maybe a=b;", "does not begin with a login module"),
        ('m.Mod required a="b"', "semicolon"),
        ("m.Mod required a=;", "option number 1 is not"),
        ("m.Mod required a=b c;", "option number 2 is not"),
        ("m.Mod required =b;", "option number 1 is not"),
        ('m.Mod required a="b;', "quotation mark"),
        ('m.Mod required a="b\nc";', "quotation mark"),
        ("m.Mod required password=se;cret;", "text follows the semicolon"),
        ('m.Mod required a="p"; garbage', "text follows the semicolon"),
        ("m.Mod required; ;", "text follows the semicolon"),
        ("m.Mod required a=b;\nother.Mod required c=d;", "text follows the semicolon"),
        ("m.Mod required password=1234;", "its character 25 is not allowed there"),
        ("m.Mod required password=-x;", "its character 25 is not allowed there"),
        ("m.Mod required password=.x;", "its character 25 is not allowed there"),
        ("m.Mod required password=p@ss;", "its character 26 is not allowed there"),
        ("m.Mod required password=a/b;\n;", "its character 26 is not allowed there"),
        ("m.Mod required token=a.b==;", "option number 2 is not"),
    ],
)
def test_broken_jaas_text(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        jaas.parse(text)


@given(st.dictionaries(st.text(), st.text()))
def test_written_login_is_read(options: dict[str, str]) -> None:
    login = jaas.Login("a.B", options)
    assert jaas.parse(jaas.written(login)) == login
