"""`make docs`: write the parts of the READMEs that are drawn from the code."""

from tests.documents.blocks import write

write()
