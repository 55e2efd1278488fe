#!/usr/bin/env node
/** `npx evenkeel <command>`: the same as `node cli/start.mjs <command>`. */
import './start.mjs';
