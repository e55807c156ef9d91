"""The company in a thread of its own, with verbs for tests that are not asynchronous."""

from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office
from devtools.phone_company.driver.telephone import Telephone

__all__ = ["Handset", "Office", "Telephone"]
