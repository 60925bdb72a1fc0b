// Part of ActionHero for Swift. Licensed under the Apache License, version 2.0.
// SPDX-License-Identifier: Apache-2.0

package protocol ContextHost: AnyObject, Sendable {
    var actionName: String { get }
    var actionVersion: String { get }
    var connectionHost: any ConnectionHost { get }
    var responseHost: any ResponseHost { get }
    var applicationHost: any ApplicationHost { get }
    var params: JSON.Object { get }
    var messageID: String { get }
    var session: Session { get }
    func skipAction()
}
