// An identity provider made of oidc-provider, on loopback. It makes its key when it starts: a restart is a rotation that
// nobody announced.
//
//	node issuer.mjs 127.0.0.1:9999 https://presence.example
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

const [address, resource] = process.argv.slice(2)
const [host, port] = address.split(':')
const issuer = `http://${address}`
const key = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  cookies: { keys: [randomUUID()] },
  clients: [
    { client_id: 'web', client_secret: 'secret', redirect_uris: [`${issuer}/callback`], grant_types: ['authorization_code'] },
    { client_id: 'backend', client_secret: 'secret', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  pkce: { required: () => false },
  scopes: ['openid', 'presence:service', 'presence:admin'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'presence:service presence:admin', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'RS256' } } }),
    },
  },
})
createServer(provider.callback()).listen(Number(port), host, () => console.log(`issuer at ${issuer}`))
