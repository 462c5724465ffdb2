export const enterprise = {
  home: {
    show: '亮码', showHint: '让检查人员扫', meet: '扫检查人员的码', meetHint: '看来的是不是真的', phones: '我的手机', welcome: '开通成功，这部手机已登记。', hello: '您好', rate: '请您评价', rateHint: '评价对执法人员匿名，帮助改进执法。', rateNow: '去评价', coming: '谁要来', now: '正在检查', noComing: '近期没有登记的检查。', noComingHint: '没有登记和扫码的检查，您可以要求出示登记信息。', history: '历次检查', year: '年份', thisYear: '本年入企 {n} 次', none: '这一年没有检查。', plaque: '我的企业码', why: '为什么来', who: '谁来', what: '查什么',
  },
  visitPage: { verify: '核对来人', verifyHint: '请核对姓名、证号与执法证原件是否一致。', notYet: '尚未扫码，核对后再让其入内。', inside: '已于 {at} 扫码', allowed: '只能检查以下事项', result: '检查结果', pending: '检查记录尚未提交。', rate: '评价这次检查', yours: '您的评价', cancelled: '这次检查不会进行。' },
  rate: {
    title: '评价这次检查', intro: '每次检查评价一次。执法人员看不到是谁评价的。', overall: '这次检查总体怎么样？', conduct: '执法人员的态度和廉洁？', lawfulness: '是否依法、规范？', beyond: '是否检查了清单以外的事项？', beyondYes: '是，超出了清单', beyondNo: '否，没有超出', remark: '还有什么想说的？', left: '还可输入 {n} 字', submit: '提交评价', missing: '请回答：{fields}。', thanks: '谢谢您的评价', thanksText: '评价已于 {at} 收到。评价不能修改，会用于监督和改进执法。', back: '回到首页',
  },
}
