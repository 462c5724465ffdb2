"""What a benchmark hands back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and what it is held to: a floor, for a size a limit, or nothing, when it is only shown."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    is_limit: bool = False

    @property
    def ratio(self) -> float | None:
        """The value against its floor; 1 or more is good, for limits as well. None when it is only shown."""
        if self.floor is None:
            return None
        return self.floor / self.value if self.is_limit else self.value / self.floor

    @property
    def holds(self) -> bool:
        """Whether the figure is where it has to be; one that is only shown always is."""
        return self.ratio is None or self.ratio >= 1

    def as_json(self) -> dict[str, str | float | None]:
        """The entry in latest.json."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "floor": self.floor,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
        }
