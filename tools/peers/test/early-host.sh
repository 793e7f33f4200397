#!/bin/bash
# First process of a peer that serves at once.
echo ready
while read -r _; do :; done
