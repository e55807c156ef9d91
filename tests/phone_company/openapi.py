"""The carrier's own description of its interface, held against every answer of the company."""

import functools
import json
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

SPEC = Path(__file__).parents[3] / "shared" / "carrier" / "rest_api.openapi.json"
CARRIER = "https://api.twilio.com"


class _AsIfToTheCarrier(RequestsOpenAPIRequest):
    @property
    def host_url(self) -> str:
        return CARRIER


@functools.cache
def _description() -> OpenAPI:
    if not SPEC.exists():
        pytest.skip("the carrier's description is not beside this checkout")
    formats = {"date-time-rfc-2822": lambda text: bool(parsedate_to_datetime(text))}
    config = Config(extra_format_validators=formats)
    return OpenAPI.from_dict(json.loads(SPEC.read_text()), config=config)


def check(response, *args, **kwargs):
    """Hold one exchange of the SDK's HTTP client against the description."""
    request = _AsIfToTheCarrier(response.request)
    _description().validate_request(request)
    if response.status_code < 400:
        _description().validate_response(request, RequestsOpenAPIResponse(response))
    return response
