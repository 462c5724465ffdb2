"""Which faults can be planted into a module, and the module with one of them."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
# What shapes a class or a text and decides nothing.
SHAPE = {"frozen", "slots", "repr", "compare", "init", "default_factory", "description", "min_length", "indent"}
Functions = ast.FunctionDef, ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: the `number`-th of its module; `function` is the outermost one around it, "" outside of any."""

    path: str
    number: int
    line: int
    kind: str
    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.kind}: {self.before}  →  {self.after}"


@dataclass(slots=True)
class _Change:
    """What would be changed: a node, and how its copy becomes a faulty one."""

    node: ast.AST
    kind: str
    function: str
    make: Callable[[ast.AST], ast.AST]


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every fault that can be planted, in the order of the text."""
    found = []
    for number, change in enumerate(_changes(ast.parse(source))):
        before, after = _text(change.node), _text(change.make(copy.deepcopy(change.node)))
        found.append(Mutant(path, number, change.node.lineno, change.kind, change.function, before, after))  # type: ignore[attr-defined]  # statements and expressions have a line
    return found


def planted(source: str, number: int) -> ast.Module:
    """The module with its `number`-th fault."""
    tree = ast.parse(source)
    change = list(_changes(tree))[number]

    class Planter(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return change.make(node) if node is change.node else self.generic_visit(node)

    return ast.fix_missing_locations(Planter().visit(tree))


def read(path: Path) -> str:
    """The text of a module."""
    return path.read_text("utf-8")


def _changes(tree: ast.Module) -> Iterator[_Change]:
    for node, function in _walk(tree, ""):
        for kind, make in _faults(node):
            yield _Change(node, kind, function, make)


def _walk(node: ast.AST, function: str, scope: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Every node that decides something, with the outermost function that holds it; signatures lie outside."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Assert):
                continue
            if isinstance(child, ast.keyword) and child.arg in SHAPE:
                continue
            inner, place = function, scope
            if isinstance(child, (*Functions, ast.ClassDef)):
                place = f"{scope}.{child.name}".lstrip(".")
            if isinstance(node, Functions) and name == "body" and not function:
                inner = scope
            yield child, inner
            yield from _walk(child, inner, place)


def _faults(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST]]]:
    """The faults of one node: what kind, and how to make it of the node or its copy."""
    if isinstance(node, ast.Compare):
        for place in range(len(node.ops)):
            if type(node.ops[place]) in OPPOSITE:
                yield "comparison", lambda it, place=place: _compared(it, place)  # type: ignore[misc]
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "boolean", lambda it: _with(it, op=other)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "boolean", lambda it: it.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "constant", lambda it: _with(it, value=not it.value)  # type: ignore[attr-defined]
        elif isinstance(node.value, int | float):
            for step in (1, -1):
                yield "constant", lambda it, step=step: _with(it, value=it.value + step)  # type: ignore[misc,attr-defined]
    elif isinstance(node, ast.Return):
        yield from _returns(node)
    elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare | ast.Constant):
        if not (isinstance(node.test, ast.UnaryOp) and isinstance(node.test.op, ast.Not)):
            yield "branch", lambda it: _with(it, test=ast.UnaryOp(ast.Not(), it.test))  # type: ignore[attr-defined]
    elif _is_droppable(node):
        yield "dropped", lambda it: ast.copy_location(ast.Pass(), it)


def _returns(node: ast.Return) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST]]]:
    value = node.value
    if value is None or isinstance(value, ast.Constant):
        return
    if isinstance(value, ast.Compare | ast.BoolOp):
        yield "returned", lambda it: _with(it, value=ast.UnaryOp(ast.Not(), it.value))  # type: ignore[attr-defined]
    else:
        yield "returned", lambda it: _with(it, value=ast.Constant(None))


def _is_droppable(node: ast.AST) -> bool:
    """A statement that the rest can run without: a call, a refusal, a change of an object."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        parts = [
            part for target in node.targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])
        ]
        return all(isinstance(part, ast.Attribute | ast.Subscript) for part in parts)
    return isinstance(node, ast.AugAssign | ast.Continue) or (isinstance(node, ast.Raise) and node.exc is not None)


def _compared(node: ast.AST, place: int) -> ast.AST:
    ops = [OPPOSITE[type(op)]() if at == place else op for at, op in enumerate(node.ops)]  # type: ignore[attr-defined]
    return _with(node, ops=ops)


def _with(node: ast.AST, **changes: object) -> ast.AST:
    for name, value in changes.items():
        setattr(node, name, value)
    return node


def _text(node: ast.AST) -> str:
    """A node in one line; of a branch its question alone."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
