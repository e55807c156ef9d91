"""The engineers: who is rung, who takes it, what each leg hears, and what comes after a talk."""
