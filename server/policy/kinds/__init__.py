"""The kinds of clause that the code knows. A pack gives them numbers, scopes, dates, exceptions and sources.

A kind is a class in one of these files, and needs no further list: it is found by the `kind` that it names.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from server.policy.clause import Clause

from . import duties, frequency, matters, people, times

__all__ = ["KINDS", "AnyClause"]


def _kinds_of(module: ModuleType) -> Iterator[type[Clause]]:
    """The kinds that a file defines, in its order; a base that names no kind is none."""
    for value in vars(module).values():
        own = isinstance(value, type) and issubclass(value, Clause) and value.__module__ == module.__name__
        if own and value.model_fields["kind"].annotation is not str:
            yield value


KINDS = tuple(kind for module in (matters, people, frequency, times, duties) for kind in _kinds_of(module))

if TYPE_CHECKING:
    AnyClause = Clause
else:
    # Of a tuple that was gathered, not of names that could be joined by a bar.
    AnyClause = Annotated[Union[KINDS], Field(discriminator="kind")]  # noqa: UP007
