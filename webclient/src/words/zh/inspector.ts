export const inspector = {
  today: {
    greeting: '{name}，您好', scan: '扫码入企', scanHint: '到达企业门口后点这里', overdue: '逾期未填的记录', overdueHint: '补齐前只能登记紧急检查。', now: '今天的检查', coming: '接下来的检查', late: '时间已过，尚未扫码', lateHint: '离线扫过的请联网上传；没有去的请取消登记。', none: '今天没有登记的检查。', noneHint: '可以先登记一次，或直接扫码查看企业。',
    register: '登记入企检查', outbox: '待上传 {n} 项', oldest: '最早 {age}', refused: '其中 {n} 项被退回', certificate: '执法证 {no}', validTo: '有效期至 {on}', expired: '已过期，不能登记检查', expiring: '还有 {n} 天到期', dueAt: '应于 {at} 前提交',
  },
  register: {
    title: '登记入企检查', enterprise: '企业', find: '按名称或统一社会信用代码查找', scanPlaque: '扫企业码', noEnterprise: '没有找到。请核对名称，或扫企业码。', changeEnterprise: '更换企业',
    purpose: '检查类型', basis: '检查依据', matters: '检查事项', findMatter: '查找检查事项', mattersHint: '只能选择公布目录内的事项。', chosen: '已选 {n} 项', inspectors: '执法人员', inspectorsHint: '至少两人，且执法证在有效期内。', expired: '证件已过期', me: '本人',
    joint: '联合单位', jointHint: '综合查一次：多个单位合为一次入企。', findAgency: '查找单位', helpers: '辅助人员', helperName: '姓名', helperOrganisation: '单位', addHelper: '添加辅助人员', helperHint: '专家、翻译等，不能实施检查。', from: '开始时间', to: '结束时间', reason: '说明',
    submit: '提交登记', done: '已登记，等待审批。', needEnterprise: '请选择企业。', needBasis: '请选择检查依据。', needMatters: '请至少选择一项检查事项。', needInspectors: '请至少选择两名执法人员。', needWindow: '请填写开始和结束时间。', fix: '请先改正以下问题：', visitsThisYear: '本年已入企 {n} 次', thirdParty: '不在本单位名单中',
  },
  visitPage: {
    scan: '扫码入企', record: '填写检查记录', cancel: '取消登记', turnAway: '企业拒绝检查', amend: '补正记录', withdraw: '撤回扫码', withdrawTitle: '撤回误扫', withdrawHint: '撤回后原扫码仍留痕。', cancelHint: '取消后需要重新登记。', ground: '拒绝的依据', note: '情况说明',
    grounds: { no_code: '未出示检查通知或未扫码', unlisted: '检查事项不在清单内', identity: '执法人员身份或证件不符', too_few: '执法人员少于两人', over_cap: '超过频次上限或企业无扰日', other: '其他' },
    amendText: '补正内容', amendHint: '原记录不变，补正附在其后。', waiting: '有 {n} 项内容等待上传，以下信息可能不是最新。',
  },
  scan: {
    title: '扫码入企', forVisit: '为“{name}”扫码', anyVisit: '扫描企业门口公示的入企码',
    checking: '正在核验…', saidMore: '核验通过，还需 {n} 人扫码', saidRefused: '不予通过。{why}',
    passed: '核验通过，可以入企', savedOffline: '已保存，未核验', savedOfflineText: '暂时连不上服务器。已在本机保存 {at} 的扫码，连上后自动上传核验。', savedOfflineNext: '请保留现场情况；核验结果会显示在“待上传”和检查详情里。', refusedTitle: '不予通过', forgedLocal: '手机核对签名不符，这个码很可能是伪造的。',
    goRecord: '填写检查记录', goVisit: '查看检查', again: '重新扫码', undo: '撤回这次扫码', undone: '已撤回。',
    choose: '选择本次检查', chooseHint: '这家企业有 {n} 个可扫码的检查。', chooseOffline: '没有网络，请选择要扫码的检查', noVisit: '这家企业没有登记给您的检查', noVisitNext: '入企前须先登记。确有紧急情况，请登记紧急检查。', register: '去登记',
  },
  record: {
    title: '检查记录', draft: '草稿已自动保存 {at}', draftNone: '填写时自动保存', checklist: '检查清单', progress: '已答 {n} / {m}', note: '备注', allYes: '本事项其余均符合', findings: '发现的问题', addFinding: '添加问题', finding: '问题 {n}', findingText: '问题描述', findingMatter: '所属事项', general: '其他', firstOffence: '首次轻微违法，可以免罚',
    noFindings: '没有发现问题可不填。', disposition: '处理结果', advice: '指导意见', adviceHint: '告知企业怎样改，改到什么程度。', heads: '入企人数', headsHint: '含辅助人员', minutes: '用时（分钟）', photos: '照片', addPhoto: '添加照片', photoHint: '自动压缩后上传', removePhoto: '移除照片 {n}', photo: '照片 {n}', seal: '提交并封存', sealTitle: '确认提交？', sealText: '提交后记录封存，不能修改，只能补正。企业会看到并评价。',
    sealed: '已提交并封存', kept: '已保存，联网后自动上传', missing: '还有 {n} 项没有作答。', needDisposition: '请选择处理结果。', needNumbers: '请填写入企人数和用时。', needFinding: '责令改正、立案调查或移送，请写明发现的问题。', service: '走访服务不记录问题和处理。', uploading: '正在上传…', badPhoto: '这张图片读不出来，请换一张。',
  },
  outbox: {
    title: '待上传', empty: '没有等待上传的内容。', emptyHint: '扫码和记录都已送达服务器。', waiting: '等待上传', held: '等前一项上传后再传', sending: '正在上传', refused: '被退回', sendNow: '立即上传', retry: '重试', discard: '删除', discardTitle: '删除这一项？', discardText: '删除后无法恢复，服务器不会收到它。', fix: '返回修改', kindScan: '扫码', kindRecord: '检查记录', kindEvidence: '照片', age: '{age}前保存', tries: '已尝试 {n} 次', needSignIn: '请重新登录后继续上传。',
    old: '有内容保存超过 24 小时，请尽快联网上传。', minutes: '{n} 分钟', hours: '{n} 小时', days: '{n} 天', now: '不到 1 分钟', otherUser: '本机还有其他账号的 {n} 项内容，须由本人登录上传。', safari: '建议把本站“添加到主屏幕”，以免浏览器清理未上传的内容。',
  },
}
