"""What a benchmark hands back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and what it is held to: a floor, or, for a size, a limit."""

    name: str
    value: float
    unit: str
    floor: float
    is_limit: bool = False

    @property
    def ratio(self) -> float:
        """The value against its floor; 1 or more is good, for limits as well."""
        return self.floor / self.value if self.is_limit else self.value / self.floor

    @property
    def holds(self) -> bool:
        """Whether the figure is where it has to be."""
        return self.ratio >= 1

    def as_json(self) -> dict[str, str | float]:
        """The entry in latest.json."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "floor": self.floor,
            "ratio": round(self.ratio, 3),
        }
