"""Spring's placeholders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.errors import SettingsError
from config.spring.placeholders import Resolution

VALUES = {
    "a": "1",
    "b": "${a}2",
    "c": "${b}${b}",
    "key": "a",
    "loop": "${pool}",
    "pool": "${loop}",
    "own": "x${own:y}",
    "e": "",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${a}", "1"),
        ("<${b}>", "<12>"),
        ("${c}", "1212"),
        ("${nope:default}", "default"),
        ("${nope:}", ""),
        ("${e:default}", ""),
        ("${nope}", "${nope}"),
        ("${nope:${a}}", "1"),
        ("${nope:${nada:${b}}}", "12"),
        ("${nope:http://x:80}", "http://x:80"),
        ("${${key}}", "1"),
        ("${nope:{}}", "{}"),
        ("${nope${a}", "${nope1"),
        (r"${no\:pe:x}", "x"),
        (r"${no\:pe}", "${no:pe}"),
        ("${nope:{x}y}z", "{x}yz"),
        ("${unclosed", "${unclosed"),
        (r"\${a}", "${a}"),
        (r"${nope:\${a}}${a}", "${a}1"),
        (r"x\${${a}}", "x${1}"),
        ("${a:${loop}}", "1"),
        ("$a {a} $", "$a {a} $"),
        ("${a}-${nope:b}-${c}", "1-b-1212"),
    ],
)
def test_placeholder_is_resolved(text: str, expected: str) -> None:
    assert Resolution(VALUES.get).text(text) == expected


@pytest.mark.parametrize("text", ["${loop}", "${pool:x}", "${own}", "${nope:${loop}}"])
def test_circular_placeholder(text: str) -> None:
    with pytest.raises(SettingsError, match="leads back to itself"):
        Resolution(VALUES.get).text(text)


def test_doubling_placeholders_are_limited() -> None:
    values = {str(n): f"${{{n + 1}}}" * 2 for n in range(100)}
    with pytest.raises(SettingsError, match="too many placeholders"):
        Resolution(values.get).text("${0}")
    with pytest.raises(SettingsError, match="too many placeholders"):
        Resolution(values.get).text("${x:" * 500 + "}" * 500)


@given(st.text("${}:ab", max_size=40))
def test_any_text_is_resolved_or_refused(text: str) -> None:
    try:
        Resolution({"a": "b", "b": "a", "ab": "${a}", "ba": "${ba}"}.get).text(text)
    except SettingsError:
        return


def test_data_flow_metric_tags_are_resolved() -> None:
    tag = "${vcap.application.instance_index:${spring.cloud.stream.instanceIndex:0}}"
    tags = [f"--management.metrics.tags.instance.index={tag}"]
    assert config.load(tags, {}).metric_tags == {"instance.index": "0"}
    assert config.load([*tags, "--spring.cloud.stream.instanceIndex=3"], {}).metric_tags == {
        "instance.index": "3"
    }
    vcap = {"VCAP_APPLICATION": '{"instance_index": 4}'}
    assert config.load([*tags, "--spring.cloud.stream.instanceIndex=3"], vcap).metric_tags == {
        "instance.index": "4"
    }
    # A camelCase name is looked up as an upper-case variable.
    variable = {"SPRING_CLOUD_STREAM_INSTANCEINDEX": "5"}
    assert config.load(tags, variable).metric_tags == {"instance.index": "5"}
