"""The guided set-up in the browser (node.setup): a page for each step, and what everybody else sees meanwhile."""
