"""What a steward looks at: the card of an item, a customer's page, and what a decision would do before it is taken.

`card` puts the parts together, `customer` does the same for one customer, `offers` says what can be answered, `preview`
what would come of it. Data only: how it is shown is the pages' part.
"""
