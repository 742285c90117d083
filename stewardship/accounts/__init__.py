"""Who may do what, and what was done: accounts, and the audit chain.

`chain` is the audit chain, that every act of a person is added to; `tables` what both are kept in.
"""
