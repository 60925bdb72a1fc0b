// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

import HeroConfiguration
import Testing

@Suite("secrets of an application's own configuration")
struct SecretTextTests {
    @Test(
        "are known by the words of the key",
        arguments: [
            "key", "apiKey", "signingKey", "AWS_SECRET_ACCESS_KEY", "encryption-keys", "publickey", "pass", "PASSWD",
            "passphrase", "dbPassword", "pwd", "dsn", "sentryDsn", "jwt", "jwtSigning", "clientSecret", "secrets",
            "auth", "basicAuth", "authorization", "token", "refreshTokens", "bearer", "credentials", "salt", "cookie",
            "pw", "pswd", "PGPASS", "dbpass", "rootpw", "DB_PWD", "otp", "totpSeed", "hmac", "pepper", "encryption",
            "webhook", "slackWebhooks", "privatepem", "private_pem", "sessionid", "SESSION_ID",
            "pin", "pins", "cookies", "auths", "sig", "signature", "keys", "apikey", "requestSignature",
        ])
    func names(_ name: String) {
        #expect(SecretText.isSecret(["shop", name]))
        #expect(SecretText.isSecret(["shop", "deep", name]))
    }

    @Test(
        "are not everything else",
        arguments: [
            "currency", "author", "compass", "encompass", "trespass", "option", "sidebar", "keyboard", "bypass",
            "pinned", "spin", "design", "port", "host",
        ])
    func others(_ name: String) {
        #expect(!SecretText.isSecret(["shop", name]))
    }

    @Test("are all members of an object for secrets, whatever the file is called")
    func stores() {
        #expect(SecretText.isSecret(["shop", "secrets", "database"]))
        #expect(SecretText.isSecret(["shop", "credentials", "mail", "user"]))
        for name in ["keys", "apikey", "key", "auths", "auth", "pins", "cookies", "passwords"] {
            #expect(SecretText.isSecret(["shop", name, "mail"]), "\(name)")
            #expect(SecretText.isSecret(["shop", name, "deep", "mail"]), "\(name)")
        }
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
            ("password = s3cret user = app", "password = [MASKED] user = app"),
            ("host=db password='s3 cr\\'et' user=app", "host=db password='[MASKED]' user=app"),
            ("Server=db;Password=\"s3 cret\";User=app", "Server=db;Password=\"[MASKED]\";User=app"),
            ("password: s3cret and more", "password: [MASKED]"),
            ("Authorization: Bearer s3cret", "Authorization: [MASKED]"),
            ("auth=Bearer s3cret", "auth=[MASKED]"), ("header Cookie: sid=s3cret; b=1", "header Cookie: [MASKED]"),
            (#"{"user":"app","password":"s3cret"}"#, #"{"user":"app","password":"[MASKED]"}"#),
            (#"[{"deep":{"apiKey":["s3cret"]}},1]"#, #"[{"deep":{"apiKey":"[MASKED]"}},1]"#),
            (#"x={"password":"s3cret","a":1}"#, #"x={"password":"[MASKED]","a":1}"#),
            (#"{"a": 1,   "b":[]}"#, #"{"a": 1,   "b":[]}"#),
            ("https://api.example/?p%61ssword=s3cret&a=1", "https://api.example/?p%61ssword=[MASKED]&a=1"),
            ("https://api.example/?next=%2Fa%3Fpassword%3Ds3cret", "[MASKED]"),
            ("https://api.example/?next=password%253Ds3cret", "[MASKED]"),
            ("https://blob.example/x?se=1&sig=s3cret%3D", "https://blob.example/x?se=1&sig=[MASKED]"),
            ("-----BEGIN RSA PRIVATE KEY-----\ns3cret\n-----END RSA PRIVATE KEY-----", "[MASKED]"),
            ("https://example.com/a%20b?x=%3D", "https://example.com/a%20b?x=%3D"), ("at 10:30: tea", "at 10:30: tea"),
            ("password: s3cret,s3cret", "password: [MASKED]"), ("password: s3cret; s3cret", "password: [MASKED]"),
            ("password: s3cret\nport: 1", "password: [MASKED]\nport: 1"),
            (#"password=s3cret\ s3cret"#, "password=[MASKED]"), ("password=s3cret s3cret", "password=[MASKED]"),
            ("password=s3&cret#x;y user=app", "password=[MASKED] user=app"),
            ("Password=s3cret;s3cret;User=app", "Password=[MASKED];User=app"),
            ("password='s3cret''s3cret' user=app", "password=[MASKED]"),
            ("cookie=a=s3cret; b=s3cret", "cookie=[MASKED]"),
            ("password:a:s3@cret,s3cret", "password:[MASKED]"),
            ("curl -u user:s3cret https://a.example", "curl -u user:[MASKED] https://a.example"),
            ("curl --user 'user:s3 cret' x", "curl --user 'user:[MASKED]' x"),
            ("mysql --password s3cret -h db", "mysql --password [MASKED] -h db"),
            (#"mysql --password s3\ cret -h db"#, "mysql --password [MASKED] -h db"),
            ("mysql --password 's3 cret' -h db", "mysql --password [MASKED] -h db"),
            (#"["--password","s3cret","-v"]"#, #"["--password","[MASKED]","-v"]"#),
            (#"["run","--password","s3cret"]"#, #"["run","--password","[MASKED]"]"#),
            (#"["X-Api-Key","s3cret"]"#, #"["X-Api-Key","[MASKED]"]"#),
            (#"["curl","-u","a:s3cret"]"#, #"["curl","-u","a:[MASKED]"]"#),
            (#"["password","token","secret"]"#, #"["password","token","secret"]"#),
            (#"[{"name":"DB_PASSWORD","value":"s3cret"}]"#, #"[{"name":"DB_PASSWORD","value":"[MASKED]"}]"#),
            (#"[{"name":"HOST","value":"db"}]"#, #"[{"name":"HOST","value":"db"}]"#),
            ("run ghp_0123456789abcdefABCD now", "run [MASKED] now"), ("AKIA0123456789ABCDEF", "[MASKED]"),
            ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln_bmF0", "[MASKED]"), ("eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9"),
            ("https://hooks.slack.com/services/T0/B0/s3cret", "https://hooks.slack.com/services/[MASKED]"),
            ("Asia and sk-learn, a-b --verbose", "Asia and sk-learn, a-b --verbose"),
            ("mail me at ada@example.com", "mail me at ada@example.com"), ("10:30", "10:30"),
        ])
    func values(_ text: String, _ masked: String) {
        #expect(SecretText.masked(text) == masked)
    }
}
