export const account = {
  title: '账户', who: '当前登录', role: '身份', agency: '单位', region: '辖区', enterprise: '企业', certificate: '执法证', display: '显示', language: '语言', elderHint: '字更大，按钮更大。',
  phones: '我的手机', devices: '登录的设备', thisDevice: '本机', lastUsed: '最近使用 {at}', revoke: '撤销登录', revokeConfirm: '撤销后，“{label}”需要重新登录。', revoked: '已撤销。',
  password: '修改密码', current: '当前密码', next: '新密码', nextHint: '至少 10 位，含字母、数字、符号中的两类。', changed: '密码已修改。', signOut: '退出登录',
  waitingTitle: '还有 {n} 项未上传', waiting: '退出后这些内容仍保存在本机，但要等您再次登录才会上传。', signOutAnyway: '仍要退出', toOutbox: '去上传', badRepeat: '两次输入不一致。', repeat: '再输一次新密码',
}
