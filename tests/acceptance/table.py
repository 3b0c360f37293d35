"""What the field asks of a gate, row by row: what happens before the lens, and what comes of it.

A row's number is that of the domain's list; a row may stand here several times. `test_table.py`
plays each through a whole gate.
"""

from typing import Final

from tests.acceptance import rows_of_codes, rows_of_people, rows_of_rules

TABLE: Final = (*rows_of_codes.ROWS, *rows_of_people.ROWS, *rows_of_rules.ROWS)
