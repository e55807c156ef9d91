"""The line's own routing, desk and due work in virtual time, with everything around it drawn."""
