"""The company's back office: people at telephones, time and faults, for demos and tests."""
