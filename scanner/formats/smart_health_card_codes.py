"""The value sets that tell a COVID-19 fact in a SMART Health Card from any other.

Sources: the value sets `immunization-covid-cvx`, `lab-qualitative-test-covid` and
`lab-qualitative-result` of terminology.smarthealth.cards (2022.2 and 2023-06-16), and for the
vaccines of autumn 2023 the CDC's table of CVX codes. Codes that are not listed are no fact here.
"""

from typing import Final

CVX: Final = "http://hl7.org/fhir/sid/cvx"
LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"

COVID_VACCINES: Final = frozenset(
    str(code)
    for code in (
        207, 208, *range(210, 214), *range(217, 220), 221, *range(225, 231), *range(300, 303),
        *range(308, 314), *range(500, 521),
    )
)  # fmt: skip
"""CVX codes; 213 and 500 are COVID-19 vaccines of an unspecified make."""

NUCLEIC_ACID_TESTS: Final = frozenset(
    (
        "94307-6", "94308-4", "94309-2", "94310-0", "94314-2", "94315-9", "94316-7", "94500-6",
        "94502-2", "94533-7", "94534-5", "94559-2", "94565-9", "94639-2", "94640-0", "94641-8",
        "94647-5", "94660-8", "94756-4", "94757-2", "94758-0", "94759-8", "94760-6", "94765-5",
        "94766-3", "94767-1", "94822-4", "94845-5", "95406-5", "95409-9", "95424-8", "95425-5",
        "95608-6", "95609-4", "95823-1", "95824-9", "96091-4", "96120-1", "96121-9", "96122-7",
        "96123-5", "96448-6", "96763-8", "96765-3", "96797-6", "96957-6", "96958-4", "96986-5",
        "97098-8", "98131-6", "98132-4", "98493-0", "98494-8",
    )
)  # fmt: skip
"""LOINC codes of tests for the virus's RNA in a sample; antibodies say nothing about today."""

ANTIGEN_TESTS: Final = frozenset(("94558-4", "95209-3", "96119-3", "97097-0"))
"""LOINC codes of tests for the virus's antigen."""

NUCLEIC_ACID: Final = "nucleic acid"
ANTIGEN: Final = "antigen"
TEST_KINDS: Final = dict.fromkeys(NUCLEIC_ACID_TESTS, NUCLEIC_ACID) | dict.fromkeys(
    ANTIGEN_TESTS, ANTIGEN
)
"""What a test is called in our own shape, by its LOINC code."""

NOT_DETECTED: Final = "260415000"
DETECTED: Final = "260373001"
NEGATIVE_RESULTS: Final = frozenset((NOT_DETECTED, "260385009", "131194007"))
"""SNOMED CT: not detected, negative, non-reactive. Every other result that is told is not."""
