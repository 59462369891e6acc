import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findDroppingChains, warningFor } from './foreign-firewall.ts'

const LISTING = `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
	}
	chain DOCKER-USER {
	}
}
table ip6 filter {
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
	}
}
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
	}
	chain other {
		type filter hook forward priority filter; policy accept;
	}
}
`

test('chains that drop what is forwarded are found, for ipv4', () => {
  assert.deepEqual(findDroppingChains(LISTING), [
    { family: 'ip', table: 'filter', chain: 'FORWARD' },
    { family: 'inet', table: 'filter', chain: 'forward' },
  ])
})

test('the warning says what to do', () => {
  const text = warningFor({ family: 'ip', table: 'filter', chain: 'FORWARD' }, 'slipway0')
  assert.match(text, /nft insert rule ip filter FORWARD iifname "slipway0" accept/)
})
