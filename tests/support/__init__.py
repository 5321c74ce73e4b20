"""What tests are made of: nodes, clients, processes and makers."""
