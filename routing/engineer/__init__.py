"""An engineer on the telephone: what a leg hears, how it ends, and what comes after a talk."""
