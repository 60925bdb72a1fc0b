// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroCore
import Testing

@Suite("secrets of an application's own configuration")
struct SecretTextTests {
    @Test(
        "are known by the words of the key",
        arguments: [
            "key", "apiKey", "signingKey", "AWS_SECRET_ACCESS_KEY", "encryption-keys", "publickey", "pass", "PASSWD",
            "passphrase", "dbPassword", "pwd", "dsn", "sentryDsn", "jwt", "jwtSigning", "clientSecret", "secrets",
            "auth", "basicAuth", "authorization", "token", "refreshTokens", "bearer", "credentials", "salt", "cookie",
        ])
    func names(_ name: String) {
        #expect(SecretText.isSecret(["shop", name]))
        #expect(SecretText.isSecret(["shop", "deep", name]))
    }

    @Test(
        "are not everything else",
        arguments: ["currency", "author", "compass", "keyboard", "bypass", "pinned", "port", "host"])
    func others(_ name: String) {
        #expect(!SecretText.isSecret(["shop", name]))
    }

    @Test("are all members of an object for secrets, whatever the file is called")
    func stores() {
        #expect(SecretText.isSecret(["shop", "secrets", "database"]))
        #expect(SecretText.isSecret(["shop", "credentials", "mail", "user"]))
        #expect(!SecretText.isSecret(["tokens", "lifetime"]))
    }

    @Test(
        "are cut out of addresses and connection strings, malformed ones included",
        arguments: [
            ("postgres://app:s3cret@db/shop", "postgres://app:[MASKED]@db/shop"),
            ("postgres://app:s3/c?r#et@db/shop", "postgres://app:[MASKED]@db/shop"),
            ("postgres://app:s3@cret@db/shop", "postgres://app:[MASKED]@db/shop"),
            ("postgres://app:s3 cret@db", "postgres://app:[MASKED]@db"),
            ("redis://:s3cret@db", "redis://:[MASKED]@db"),
            ("https://s3cret@git.example/x", "https://[MASKED]@git.example/x"),
            ("app:s3cret@tcp(db:3306)/shop", "app:[MASKED]@tcp(db:3306)/shop"),
            ("https://api.example/?a=1&token=s3cret&b=2", "https://api.example/?a=1&token=[MASKED]&b=2"),
            ("https://api.example/?access_token=s3cret#x", "https://api.example/?access_token=[MASKED]#x"),
            ("Server=db;User Id=app;Password=s3cret;", "Server=db;User Id=app;Password=[MASKED];"),
            ("host=db password=s3cret user=app", "host=db password=[MASKED] user=app"),
            ("https://example.com/@user", "https://example.com/@user"), ("a = b", "a = b"),
            ("mail me at ada@example.com", "mail me at ada@example.com"), ("10:30", "10:30"),
        ])
    func values(_ text: String, _ masked: String) {
        #expect(SecretText.masked(text) == masked)
    }
}
