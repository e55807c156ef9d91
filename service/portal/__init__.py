"""The customer portal: who may use it, and what an administrator of a contract changes there."""
