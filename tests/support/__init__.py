"""What tests are made of: nodes, browsers, processes, and makers of documents."""
