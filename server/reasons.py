"""Which refusals a view can end in, read from the code that it reaches: so no list of them can grow old.

From a view, and from what makes ready for it, every function and class of ours is followed that its code names, and so
on. `Refusal(Why.X, 404)` gives X with its status; a reason that is named and handed on (a scan's, which is returned) is
a 409, as a refusal is unless it says otherwise. What is followed is what may be reached, so the list is complete rather
than short; the tests hold each refusal that they meet against it.
"""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

from sqlalchemy import Table

from .constraints import MEANINGS, constraint_names
from .refusal import Reason, Refusal

CONFLICT = 409
HOUSE = __name__.rsplit(".", 1)[0] + "."


def refusals_of(view: Callable[..., Any], *, changing: bool) -> frozenset[tuple[int, Reason]]:
    """Every status and reason that a view may answer with, what the edge itself refuses aside.

    One that changes something may also break a constraint of the rows that it makes.
    """
    found: set[tuple[int, Reason]] = set()
    before = view.__dict__.get("_before")
    waiting: list[Any] = [inspect.unwrap(each) for each in (view, before) if each]
    seen: set[tuple[str, str]] = set()
    while waiting:
        thing = waiting.pop()
        place = (thing.__module__, thing.__qualname__)
        if place in seen or not thing.__module__.startswith(HOUSE):
            continue
        seen.add(place)
        said, named, made = _read(*place)
        found |= said
        if changing:
            broken = (name for table in made for name in constraint_names(table))
            found |= {(CONFLICT, MEANINGS[name]) for name in broken if name in MEANINGS}
        waiting += named
    return frozenset(found)


@lru_cache(maxsize=4096)
def _read(module: str, name: str) -> tuple[frozenset[tuple[int, Reason]], tuple[Any, ...], tuple[Table, ...]]:
    """What one function or class refuses by itself, the functions and classes that it names, the rows it makes."""
    names = vars(sys.modules[module])
    node = _definitions(module).get(name)
    if node is None:
        return frozenset(), (), ()
    said, handed = set(), set()
    # Decorators aside: what they refuse, the edge's own table has.
    parts = [each for part in ast.iter_child_nodes(node) if part not in node.decorator_list for each in ast.walk(part)]
    for each in parts:
        if isinstance(each, ast.Call) and _resolved(each.func, names) is Refusal:
            said |= set(_told(each, names))
            handed |= {_spot(part) for part in ast.walk(each)}
    named: list[Any] = []
    made: list[Table] = []
    for each in parts:
        if isinstance(each, ast.Call) and isinstance(
            table := getattr(_resolved(each.func, names), "__table__", 0), Table
        ):
            made.append(table)
        thing = _resolved(each, names)
        if isinstance(thing, Reason) and _spot(each) not in handed:
            said.add((CONFLICT, thing))
        elif isinstance(thing, dict):
            said |= {(CONFLICT, value) for value in thing.values() if isinstance(value, Reason)}
        elif isinstance(thing, type) and issubclass(thing, Reason):
            said |= {(CONFLICT, reason) for reason in thing} if _made(each, node) else set()
        elif isinstance(thing, FunctionType | type):
            named.append(inspect.unwrap(thing))
    return frozenset(said), tuple(named), tuple(made)


def _told(call: ast.Call, names: dict[str, Any]) -> Iterator[tuple[int, Reason]]:
    """The reason and the status of `Refusal(…)`; of `404 if reason is Why.X else 409` X with the first."""
    reason = _resolved(call.args[0], names)
    status = call.args[1] if len(call.args) > 1 else ast.Constant(CONFLICT)
    match status:
        case ast.Constant(value=int(number)) if isinstance(reason, Reason):
            yield number, reason
        case ast.IfExp(test=test, body=ast.Constant(value=int(number))):
            yield from ((number, each) for part in ast.walk(test) if isinstance(each := _resolved(part, names), Reason))


def _resolved(node: ast.AST, names: dict[str, Any]) -> Any:
    """What `name` or `module.name.member` is in the module that says it; None for what only a run would tell."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        owner = _resolved(node.value, names)
        return getattr(owner, node.attr, None) if inspect.ismodule(owner) or isinstance(owner, type) else None
    return None


def _made(node: ast.AST, within: ast.AST) -> bool:
    """Whether a list of reasons is called with a text: `Why(text)` may be any of them."""
    return any(isinstance(each, ast.Call) and each.func is node for each in ast.walk(within))


def _spot(node: ast.AST) -> tuple[int, int, int]:
    """Where a piece of code stands."""
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)


@lru_cache(maxsize=512)
def _definitions(module: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """The functions, classes and methods of a module, by their qualified names."""
    found: dict[str, ast.FunctionDef | ast.ClassDef] = {}
    for each in _parsed(module).body:
        if isinstance(each, ast.FunctionDef | ast.ClassDef):
            found[each.name] = each
            found |= {f"{each.name}.{inner.name}": inner for inner in each.body if isinstance(inner, ast.FunctionDef)}
    return found


@lru_cache(maxsize=512)
def _parsed(module: str) -> ast.Module:
    return ast.parse(Path(sys.modules[module].__file__ or "").read_text("utf-8"))
