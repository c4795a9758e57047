"""The spec language: text to statements (`parser`), statements to a graph of layers (`expand`)."""
