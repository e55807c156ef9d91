"""The company in a thread of its own, with verbs for tests that are not asynchronous."""

from carrier.simulated.driver.handset import Handset
from carrier.simulated.driver.office import Office
from carrier.simulated.driver.telephone import Telephone

__all__ = ["Handset", "Office", "Telephone"]
