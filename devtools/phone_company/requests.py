"""The log of what the line asked of the company."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


class RequestLog:
    """Every REST request, oldest first."""

    def __init__(self, company: "Company") -> None:
        """Start empty."""
        self._company = company
        self.log: list[dict[str, Any]] = []

    def keep(self, method: str, path: str, params: dict[str, str]) -> dict[str, Any]:
        """Add a request and return its entry; the status is filled in with the answer."""
        entry: dict[str, Any] = {
            "at": self._company.clock.now().isoformat(),
            "method": method,
            "path": path,
            "params": params,
            "status": None,
        }
        self.log.append(entry)
        return entry
