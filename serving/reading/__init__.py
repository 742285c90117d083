"""What a release says of customers, as plain rows: for the pages and the API alike, of any version's releases.

`who` a customer is, `activities`, what to know (`knowing`), known `issues`, `feeds` of what changed, and `searching`;
`tables` reads a table that an older release may lack. Nothing is masked here: `serving.masking` does, by role.
"""
