"""Plans: what a night would do, customer by customer, for somebody who signs it; and carrying out exactly that."""
