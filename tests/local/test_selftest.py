"""The summary of selftest: counted from pytest's own report, for people and machines."""

import pytest

from billing_site.local.selftest import PARTS, _count_tests, _name_failed


def test_tests_are_counted_with_errors_among_the_failed(tmp_path):
    report = tmp_path / "tests.xml"
    report.write_text(
        '<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/>'
        '<testsuite tests="5" failures="0" errors="0" skipped="0"/></testsuites>'
    )

    assert _count_tests(report=report) == "3 skipped\n9 passed, 3 failed"


@pytest.mark.parametrize("text", ["", "<testsuites><testsuite"])
def test_report_cut_short_counts_as_failure(tmp_path, text):
    report = tmp_path / "tests.xml"
    report.write_text(text)

    assert _count_tests(report=report) == "0 passed, 1 failed"


def test_failed_tests_are_named_each_once_with_the_first_line_of_why(tmp_path):
    report = tmp_path / "tests.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.web.test_tags" name="test_good"/>'
        '<testcase classname="tests.web.test_tags" name="test_bad[hy]">'
        '<failure message="assert 1 == 2&#10;more">where</failure><error message="at its end">where</error></testcase>'
        "</testsuite></testsuites>"
    )

    assert _name_failed(report=report) == ["tests/web/test_tags.py::test_bad[hy] - assert 1 == 2"]
    assert _name_failed(report=tmp_path / "none.xml") == []


def test_parts_are_those_the_readme_names():
    assert list(PARTS) == ["lint", "types", "layers", "migrations", "tests"]
