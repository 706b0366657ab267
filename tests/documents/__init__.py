"""Tests of what README, docs/ and colabs/ show: bindings, commands, Python, links, tables."""
