"""An import contract for the inside of packages: every module has one place, and imports go down the places only."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

PLACES = ("views", "acts", "shapes", "rules", "tables", "words")


class RoomsContract(Contract):
    """Views over acts over shapes over rules over tables over words, in each package of a container.

    A module is placed by a pattern of its name below the container ("scan.routes", "*.rules"). What breaks it: a module
    in no place or in two, a view that anybody but the container itself imports, an import inside a package that goes
    up, and a rule, a word or a table that imports what it must not know.
    """

    type_name = "rooms"

    container = fields.StringField()
    views = fields.ListField(subfield=fields.StringField())
    acts = fields.ListField(subfield=fields.StringField())
    shapes = fields.ListField(subfield=fields.StringField())
    rules = fields.ListField(subfield=fields.StringField())
    tables = fields.ListField(subfield=fields.StringField())
    words = fields.ListField(subfield=fields.StringField())
    deciding_without = fields.ListField(subfield=fields.StringField())
    keeping_without = fields.ListField(subfield=fields.StringField())
    without = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    RANK: ClassVar = {place: rank for rank, place in enumerate(PLACES)}

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """What is wrong, one sentence each."""
        faults = sorted(self._faults(graph))
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print them."""
        for fault in check.metadata["faults"]:
            output.print_error(fault)

    def _faults(self, graph: ImportGraph) -> Iterator[str]:
        modules = [module for module in graph.modules if self._is_inside(module, graph)]
        places = {module: self._places_of(module) for module in modules}
        for module, found in places.items():
            if len(found) != 1:
                yield f"{module} has {'no place' if not found else ' and '.join(found)}"
                continue
            for imported in graph.find_modules_directly_imported_by(module):
                yield from self._of_import(module, found[0], imported, places.get(imported, []))

    def _of_import(self, module: str, place: str, imported: str, other: list[str]) -> Iterator[str]:
        if other == ["views"]:
            yield f"{module} imports the view {imported}"
        elif len(other) == 1 and _room(module) == _room(imported) and self.RANK[other[0]] < self.RANK[place]:
            yield f"{module} ({place}) imports {imported} ({other[0]}) above it"
        forbidden: Any = {
            "rules": self.deciding_without,
            "words": self.deciding_without,
            "tables": self.keeping_without,
        }.get(place, [])
        if any(imported == name or imported.startswith(f"{name}.") for name in forbidden):
            yield f"{module} ({place}) imports {imported}"

    def _is_inside(self, module: str, graph: ImportGraph) -> bool:
        """Whether it is a module of a package of the container; an empty package is none."""
        parts = module.split(".")
        if parts[0] != self.container or len(parts) < 3 or parts[1] in self.without:  # type: ignore[operator]
            return False
        return not graph.find_children(module) or bool(graph.find_modules_directly_imported_by(module))

    def _places_of(self, module: str) -> list[str]:
        name = module.split(".", 1)[1]
        return [place for place in PLACES if any(fnmatchcase(name, pattern) for pattern in getattr(self, place))]


def _room(module: str) -> str:
    return module.split(".")[1] if module.count(".") >= 2 else ""
