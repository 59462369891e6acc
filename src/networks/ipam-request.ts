import { failure } from '../base/index.ts'
import { contains, formatPrefix, overlaps, type Prefix, parseAddress, parseCidr } from './address.ts'
import type { Subnet } from './contract.ts'

/**
 * Checks the subnets that somebody asks for: `invalid` with Docker's text, which tells all that is wrong at once. IPv6
 * subnets of a network without IPv6 are left out, as Docker does.
 */
export function checkSubnets(subnets: readonly Subnet[]): readonly Subnet[] {
  const problems: string[] = []
  const checked = subnets.flatMap((wanted) => {
    const parsed = parseCidr(wanted.subnet)
    if (!parsed) {
      problems.push(`invalid subnet ${wanted.subnet}: invalid CIDR block notation`)
      return []
    }
    if (parsed.prefix.family === 6) return []
    problems.push(...problemsOf(wanted, parsed.prefix))
    return [wanted]
  })
  if (problems.length > 0) throw failure('invalid', `invalid network config:\n${problems.join('\n')}`)
  return checked
}

function problemsOf({ subnet, ipRange, gateway, auxAddresses = {} }: Subnet, prefix: Prefix): string[] {
  const problems = hostPartOf(`invalid subnet ${subnet}`, subnet)
  if (ipRange !== undefined) problems.push(...rangeProblems(ipRange, prefix))
  const places: (readonly [string, string])[] = gateway === undefined ? [] : [[`invalid gateway ${gateway}`, gateway]]
  for (const [name, address] of Object.entries(auxAddresses)) {
    places.push([`invalid auxiliary address ${name}`, address])
  }
  for (const [what, address] of places) {
    const problem = addressProblem(address, prefix)
    if (problem) problems.push(`${what}: ${problem}`)
  }
  return problems
}

function rangeProblems(range: string, subnet: Prefix): string[] {
  const what = `invalid ip-range ${range}`
  const parsed = parseCidr(range)
  if (!parsed) return [`${what}: invalid CIDR block notation`]
  if (parsed.prefix.family !== subnet.family) return [`${what}: parent subnet is an IPv4 block`]
  const problems: string[] = []
  if (parsed.prefix.bits < subnet.bits) {
    problems.push(`${what}: CIDR block is bigger than its parent subnet ${formatPrefix(subnet)}`)
  }
  problems.push(...hostPartOf(what, range))
  if (!overlaps(subnet, parsed.prefix)) {
    problems.push(`${what}: parent subnet ${formatPrefix(subnet)} doesn't contain ip-range`)
  }
  return problems
}

function hostPartOf(what: string, cidr: string): string[] {
  const parsed = parseCidr(cidr)
  if (!parsed || parsed.address.value === parsed.prefix.base) return []
  return [`${what}: it should be ${formatPrefix(parsed.prefix)}`]
}

function addressProblem(text: string, subnet: Prefix): string | undefined {
  const address = parseAddress(text)
  if (!address) return 'invalid address'
  if (address.family !== subnet.family) return 'parent subnet is an IPv4 block'
  return contains(subnet, address) ? undefined : `parent subnet ${formatPrefix(subnet)} doesn't contain this address`
}
