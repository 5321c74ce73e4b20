"""How long another node may take to answer (seconds). Nobody outside decides how long anybody here waits."""

#: A connection to one address of a host.
CONNECT = 3.0
#: One answer, from the question to its last byte.
ANSWER = 10.0
#: One try of telling a node of an urgent change. All tries together take twice as long.
URGENT = 4.0
#: The pause before the second try: between these two.
URGENT_AGAIN = (0.2, 1.0)
#: The live check of a run's page: the reader waits beside it.
LIVE_CHECK = 2.0
#: Asking for our own document at a start: pages wait for it.
START = 4.0
#: Asking a node for our own document before it is told of a change: the change waits for it.
BEFORE_TELLING = 2.0
#: HQ asks the host of a chapter that comes with an invitation: the chapter's lead waits.
JOIN = 4.0
#: A look at a chapter's own host, which its node asks another one for.
LOOK = 4.0
#: Asking another node for such a look: longer than the look.
LOOK_FOR_US = 8.0
#: HQ asks each node for the newest registry before it signs: one node, and all together.
REGISTRY, REGISTRY_OF_ALL = 4.0, 12.0
#: All answers of one peer in one round of reading.
PEER = 120.0
#: All answers of a node that says it has a newer registry, when the registry is asked for.
CHECK = 60.0
#: All that is said to the mail server before the first letter, and then each letter.
MAIL = 30.0
