"""Who may do what, and what was done: accounts, and the audit chain.

`chain` is the audit chain, that every act of a person is added to; `tables` what both are kept in. `accounts` is what
others call; beneath it are `users` (with `roles` and `passwords`), `sessions`, `sign_in_links`, `tokens` and
`attempts`, which make guessing slow. `review_chain` holds the chain against the releases and the log.
"""

from stewardship.accounts.accounts import Accounts
from stewardship.accounts.attempts import TooManyAttempts
from stewardship.accounts.passwords import PasswordRefused
from stewardship.accounts.roles import ROLES, Role, allows
from stewardship.accounts.sessions import Session
from stewardship.accounts.sign_in import SignInRefused
from stewardship.accounts.sign_in_links import LinkSpent
from stewardship.accounts.tokens import Token
from stewardship.accounts.users import User

__all__ = [
    "ROLES",
    "Accounts",
    "LinkSpent",
    "PasswordRefused",
    "Role",
    "Session",
    "SignInRefused",
    "Token",
    "TooManyAttempts",
    "User",
    "allows",
]
