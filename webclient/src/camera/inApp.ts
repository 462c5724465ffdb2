// Apps that open web pages inside themselves; many of them keep the camera for themselves.

export type App = 'workWechat' | 'wechat' | 'alipay' | 'dingtalk' | 'qq'

// 企业微信 names itself after WeChat as well, so it comes first; WeChat's own engine is called MQQBrowser.
const MARKS: [App, RegExp][] = [
  ['workWechat', /wxwork/i],
  ['wechat', /MicroMessenger/i],
  ['alipay', /AlipayClient/i],
  ['dingtalk', /DingTalk/i],
  ['qq', /(^|\s)QQ\//],
]

/** The app around the page, if it is one of those. */
export const findApp = (userAgent: string): App | null => MARKS.find(([, mark]) => mark.test(userAgent))?.[0] ?? null

export const isApple = (userAgent: string): boolean => /iPhone|iPad|iPod/.test(userAgent)
