import assert from 'node:assert/strict'
import { test } from 'node:test'
import { empty, type Route } from './call.ts'
import { createRouter, parseTarget } from './router.ts'
import { atLeast } from './version.ts'

const route = (method: Route['method'], path: string): Route => ({ method, path, handler: () => empty(200) })

test('names hold slashes where the pattern says so, and the first route that fits is taken', () => {
  const router = createRouter([
    route('GET', '/images/json'),
    route('GET', '/images/{name:.*}/get'),
    route('GET', '/images/{name:.*}/json'),
    route('DELETE', '/images/{name:.*}'),
    route('GET', '/networks/{id:.+}'),
    route('GET', '/things/{id}/a.b'),
    route('OPTIONS', '/{any:.*}'),
  ])
  const find = (method: string, path: string) => {
    const found = router.find(method, { version: undefined, path })
    return found && [found.route.path, { ...found.params }]
  }
  assert.deepEqual(find('GET', '/images/json'), ['/images/json', {}])
  assert.deepEqual(find('GET', '/images/json/json'), ['/images/{name:.*}/json', { name: 'json' }])
  assert.deepEqual(find('GET', '/images/host:5000/a/b:1/get'), ['/images/{name:.*}/get', { name: 'host:5000/a/b:1' }])
  assert.deepEqual(find('DELETE', '/images/'), ['/images/{name:.*}', { name: '' }])
  assert.equal(find('GET', '/networks/'), undefined)
  assert.equal(find('GET', '/things/a/b/a.b'), undefined)
  assert.equal(find('GET', '/things/a/axb'), undefined)
  assert.deepEqual(find('OPTIONS', '/anything/at/all'), ['/{any:.*}', { any: 'anything/at/all' }])
})

test('the version is split off the path, which is decoded', () => {
  assert.deepEqual(parseTarget('/v1.41/a%20b'), { version: '1.41', path: '/a b' })
  assert.deepEqual(parseTarget('/version'), { version: undefined, path: '/version' })
  assert.equal(parseTarget('/%'), undefined)
})

test('versions are compared by number', () => {
  assert.ok(atLeast('1.41', '1.41') && atLeast('1.100', '1.41') && atLeast('2', '1.41'))
  assert.ok(!atLeast('1.9', '1.41') && !atLeast('1.', '1.1'))
})
