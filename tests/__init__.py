"""The proofs. What they import is compiled once for all the processes that they start."""

import os
import sys

# Some environments keep no compiled files: then each of some forty processes compiles everything.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A `.env` that a developer has in the checkout is none of the tests' business.
os.environ |= {"ENV_FILE": "", "FLASK_SKIP_DOTENV": "1"}
os.environ.pop("SECRETS_DIR", None)
