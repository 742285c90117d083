"""Looks at real files and proposes what joinedup.yaml should say of them; the only place where anything is guessed."""
